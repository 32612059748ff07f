# All of the rules that tflint itself brings; nothing is fetched.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files are named after what they are for: a module without a main.tf has something better.
rule "terraform_standard_module_structure" {
  enabled = false
}
