"""Everything outside, on one machine: Railway, Secret Manager, GitHub and the model providers on loopback."""
