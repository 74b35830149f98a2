"""Scraping and training, as jobs that an admin starts, reads and stops.

One interface (`interface`) with two implementations: CronJobs of a Kubernetes cluster
(`cluster`), and processes of one machine (`processes`, which `runner` starts in
``review-api work``).
"""
