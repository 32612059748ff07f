"""What AWS is asked, a module for each thing that answers."""
