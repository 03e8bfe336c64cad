"""The door for FHIR R4: it reads bundles other systems wrote, and hands each resource to the plugin that knows it."""
