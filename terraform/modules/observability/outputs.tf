output "dashboard_name" {
  description = "Name of the dashboard that shows the whole flow."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
