"""Staff: who works here, with which qualifications, at what hours, and when somebody is away."""
