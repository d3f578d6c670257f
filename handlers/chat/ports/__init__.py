"""What the services need of the world: small interfaces, served by adapters on AWS and by fakes in tests."""
