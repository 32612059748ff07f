variable "name" {
  description = "Name of the stack."
  type        = string
  nullable    = false
}

variable "stack" {
  description = "The stack's settings for tools, by the names of the root module's outputs; the parameter adds the stack's name."
  type        = map(string)
  nullable    = false
}
