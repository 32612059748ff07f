terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # On AWS, releases 6.22 to 6.39 plan the same change of the bucket's encryption again and again,
      # because S3 now blocks SSE-C on new buckets. 5.100 and releases from 6.40 on do not.
      version = ">= 5.100, < 7.0"
    }
  }
}
