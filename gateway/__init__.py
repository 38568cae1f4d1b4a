"""What the gateway consists of: the component, its variables, and `acceptance`, which judges a running one."""
