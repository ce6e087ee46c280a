"""The built template, deployed by the SAM CLI to the local stand-in for AWS, and driven there."""
