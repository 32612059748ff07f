module "queue" {
  source = "../queue"

  name                       = var.name
  visibility_timeout_seconds = var.visibility_timeout_seconds
  retention_days             = var.retention_days
}

module "dead_letter_queue" {
  source = "../queue"

  name                       = "${var.name}-dead-letter"
  visibility_timeout_seconds = var.visibility_timeout_seconds
  retention_days             = var.dead_letter_retention_days
}
