output "dashboard_name" {
  description = "Name of the dashboard, which shows the whole flow."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
