package io.millrace.infra.worker;

/** The two families of public SDKs. They differ on the wire in ways that a server has to live with. */
public enum WorkerStyle {
    /**
     * As the Rust SDK: numbers commands on from the events it received, says SUSPEND_WORKFLOW when it suspends, polls with
     * its own name, and lets an activation drop when it cannot read the history or does not know the workflow kind.
     */
    RUST,
    /**
     * As the SDKs on the foreign-function core (Python, Kotlin): numbers commands from 1 with every submission, says with
     * the status alone that it suspends, polls with the id the server gave it, takes a history it cannot read for an
     * empty one, fails a workflow of a kind it does not know, and answers any error of a submission with a second one that
     * fails the workflow.
     */
    FFI
}
