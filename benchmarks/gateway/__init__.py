"""`make bench-gateway`: the gateway, LiteLLM alone and what is upstream of both under the same load, in one run."""
