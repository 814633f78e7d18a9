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

    /** The organisation. By default that of the development server. */
    public WorkerOptions org(UUID id) {
        org = id;
        return this;
    }

    /** The queue that it works on. By default {@code default}. */
    public WorkerOptions queue(String queueName) {
        queue = queueName;
        return this;
    }

    /** The name of the worker. */
    public WorkerOptions name(String ownName) {
        name = ownName;
        return this;
    }

    /** The SDKs that it behaves like. */
    public WorkerOptions style(WorkerStyle like) {
        style = like;
        return this;
    }

    /** The way in which it asks for work. */
    public WorkerOptions polls(PollStyle how) {
        polls = how;
        return this;
    }

    /** The observer that is told what it does. */
    public WorkerOptions observer(WorkerObserver who) {
        observer = who;
        return this;
    }

    /** Lets it run workflows of this kind. */
    public WorkerOptions workflow(String kind, WorkflowFunction function) {
        workflows.put(kind, function);
        return this;
    }

    /** Lets it run tasks of this kind. */
    public WorkerOptions task(String kind, TaskFunction function) {
        tasks.put(kind, function);
        return this;
    }
}
