terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # On AWS, releases 6.22 to 6.39 plan the same change to the bucket's encryption for ever: they
      # do not accept that S3 itself now blocks SSE-C on new buckets. 5.100 and 6.40 or later do.
      version = ">= 5.100, < 7.0"
    }
  }
}
