package io.millrace.infra.worker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** What a worker is and does. Not thread-safe; the worker takes a copy. */
public final class WorkerOptions {

    UUID org = UUID.fromString("550e8400-e29b-41d4-a716-446655440000");
    String queue = "default";
    String name = "java-worker-" + UUID.randomUUID();
    WorkerStyle style = WorkerStyle.RUST;
    PollStyle polls = PollStyle.parallel();
    WorkerObserver observer = WorkerObserver.NONE;
    final Map<String, WorkflowFunction> workflows = new LinkedHashMap<>();
    final Map<String, TaskFunction> tasks = new LinkedHashMap<>();

    /** The organisation; that of the development default otherwise. */
    public WorkerOptions org(UUID id) {
        org = id;
        return this;
    }

    /** The queue it works on; {@code default} otherwise. */
    public WorkerOptions queue(String queueName) {
        queue = queueName;
        return this;
    }

    /** Its own name. */
    public WorkerOptions name(String ownName) {
        name = ownName;
        return this;
    }

    /** Which SDKs it behaves like. */
    public WorkerOptions style(WorkerStyle like) {
        style = like;
        return this;
    }

    /** How it asks for work. */
    public WorkerOptions polls(PollStyle how) {
        polls = how;
        return this;
    }

    /** Who is told what it does. */
    public WorkerOptions observer(WorkerObserver who) {
        observer = who;
        return this;
    }

    /** Makes it run workflows of the kind. */
    public WorkerOptions workflow(String kind, WorkflowFunction function) {
        workflows.put(kind, function);
        return this;
    }

    /** Makes it run tasks of the kind. */
    public WorkerOptions task(String kind, TaskFunction function) {
        tasks.put(kind, function);
        return this;
    }
}
