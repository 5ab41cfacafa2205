"""Others that read along while a run goes on: TensorBoard and MLflow, each where a project's `log_to` names it.

They read the stream as everybody else does, in a thread of the worker, so that no training waits for them, and nothing
that is wrong with them ends a run.
"""
