"""Pages and API for pupils, teachers and operators."""
