"""The LiteLLM gateway: a thin ASGI application around LiteLLM's own, started with `python -m litellm_gateway`.

`__main__` reads settings and configuration, refuses what cannot work, and serves. `application` decides what is
answered here and what reaches LiteLLM; one small module each knows routes, authentication, bodies, headers, the model
list, spending, logs, numbers and the status page. Only `upstream` imports LiteLLM.
"""
