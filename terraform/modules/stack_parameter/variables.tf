variable "name" {
  description = "Name of the stack."
  type        = string
  nullable    = false
}

variable "stack" {
  description = "What a tool must know of the stack, by the names of the root module's outputs; the stack's name is added."
  type        = map(string)
  nullable    = false
}
