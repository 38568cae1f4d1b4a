"""Railway's GraphQL API: one client, and a module of typed functions for each noun."""
