"""The configuration of a bus on its log: parts and manifests, what processes say of them, and back to a workspace."""
