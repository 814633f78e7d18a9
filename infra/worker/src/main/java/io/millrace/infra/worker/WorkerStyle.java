package io.millrace.infra.worker;

/** The two families of public SDKs. They differ on the wire in ways that a server has to live with. */
public enum WorkerStyle {
    /**
     * As the Rust SDK. It numbers commands on from the events that it received, says SUSPEND_WORKFLOW when it suspends,
     * and polls with its own name. It drops an activation if it cannot read the history or does not know the workflow
     * kind.
     */
    RUST,
    /**
     * As the SDKs on the foreign-function core (Python, Kotlin). It numbers commands from 1 with every submission, says
     * only by the status that it suspends, and polls with the id that the server gave it. It takes a history that it
     * cannot read for an empty one, and fails a workflow of a kind that it does not know. It answers any error of a
     * submission with a second submission, which fails the workflow.
     */
    FFI
}
