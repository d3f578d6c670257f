"""AWS CodeDeploy for Lambda, as far as it is rules without I/O: who gets which version when."""
