"""Google Secret Manager's REST API, version 1, for one project.

Left out, and answered as unknown: regional secrets, IAM policies, rotation, aliases of versions, changes of a secret's
own settings. Source: https://cloud.google.com/secret-manager/docs/reference/rest
"""
