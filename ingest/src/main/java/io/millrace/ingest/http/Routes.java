package io.millrace.ingest.http;

import io.millrace.ingest.audit.notary.TransparencyLogs;
import io.millrace.ingest.auth.openid.OpenIdLogin;
import io.millrace.ingest.config.ApiKey;
import io.millrace.ingest.encryption.Decryption;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.Sources;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.reads.Reads;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The table of everything that the HTTP API can do. {@code openapi.json} describes the same; a test compares them. */
public final class Routes {

    private static final String ORG = "/api/orgs/{slug}";

    private static final List<String> LIST_OF_WORKFLOWS = List.of(
            SearchRoutes.QUERY,
            "status",
            "kind",
            "queue",
            "metadata[",
            WorkflowRoutes.METADATA_PREFIX,
            "limit",
            "cursor");
    private static final List<String> EVENTS = List.of("audience", Paging.CURSOR, Moments.PARAMETER);
    private static final List<String> AT = List.of(Moments.PARAMETER);
    private static final List<String> QUEUES = List.of(Paging.CURSOR, Moments.PARAMETER);
    private static final List<String> STREAM = List.of(StreamRoutes.UNTIL);
    private static final List<String> SEQUENCE = List.of(HttpCall.SEQUENCE);
    private static final List<String> VERSION = List.of(HttpCall.VERSION);
    private static final List<String> WAIT = List.of(EndReplies.PARAMETER);
    private static final List<String> WORKFLOW = List.of(EndReplies.PARAMETER, Moments.PARAMETER);
    private static final List<String> LIST_OF_TASKS =
            List.of(SearchRoutes.QUERY, "status", "kind", "queue", "workflowExecutionId", "limit", "cursor");
    private static final List<String> COUNTS_OF_WORKFLOWS = SearchRoutes.ofCounts(LIST_OF_WORKFLOWS);
    private static final List<String> COUNTS_OF_TASKS = SearchRoutes.ofCounts(LIST_OF_TASKS);
    private static final List<String> PARTS = List.of("limit", "cursor");
    private static final List<String> LIST_OF_WORKERS = List.of("status", "limit", "cursor", Moments.PARAMETER);

    private final WorkflowRoutes workflows;
    private final PromiseRoutes promises;
    private final TaskRoutes tasks;
    private final OperatorRoutes operator;
    private final StreamRoutes streams;
    private final WhyRoutes why;
    private final QueueWhyRoutes queueWhy;
    private final TlogRoutes tlog;
    private final AuditRoutes audit;
    private final ApprovalRoutes approvals;
    private final EraseRoutes erasures;
    private final SearchRoutes searches;
    private final ScheduleRoutes schedules;
    private final PolicyRoutes policies;
    private final BulkRoutes bulk;
    private final DeadLetterRoutes deadLetters;
    private final ChangeRoutes changes;
    private final SavedQueryRoutes savedQueries;
    private final ConsoleRoutes console;
    private final LoginRoutes logins;
    private final KeyRoutes keys;

    /**
     * Puts the routes on these parts.
     *
     * @param sources what is looked at
     * @param loads what every organisation has under way
     * @param logs what is proved
     * @param decryption puts plain text into streams
     * @param partitions how many the log has
     * @param lasting keys of the access file
     * @param login how people log in to the console at an issuer, if they can
     */
    public Routes(
            Operations operations,
            Sources sources,
            OrganisationLoads loads,
            TransparencyLogs logs,
            Decryption decryption,
            int partitions,
            List<ApiKey> lasting,
            Optional<OpenIdLogin> login) {
        Reads reads = sources.reads();
        Directory directory = sources.directory();
        ExecutionQueries queries = sources.queries();
        EndReplies ends = new EndReplies(loads);
        workflows = new WorkflowRoutes(operations, queries, ends);
        promises = new PromiseRoutes(operations);
        tasks = new TaskRoutes(operations, queries, ends);
        operator = new OperatorRoutes(reads, directory, queries, operations, new PastRoutes(operations));
        audit = new AuditRoutes(queries);
        approvals = new ApprovalRoutes(operations, queries);
        why = new WhyRoutes(operations, queries, directory);
        queueWhy = new QueueWhyRoutes(operations, reads, queries, directory);
        erasures = new EraseRoutes(operations);
        searches = new SearchRoutes(queries);
        schedules = new ScheduleRoutes(operations);
        policies = new PolicyRoutes(operations, directory);
        bulk = new BulkRoutes(operations);
        deadLetters = new DeadLetterRoutes(operations, queries);
        changes = new ChangeRoutes(queries, loads);
        savedQueries = new SavedQueryRoutes(operations);
        console = new ConsoleRoutes(directory, partitions);
        logins = new LoginRoutes(login);
        keys = new KeyRoutes(operations, lasting);
        streams = new StreamRoutes(operations, reads, sources.streams(), loads, decryption);
        tlog = new TlogRoutes(logs);
    }

    List<Route> all(NodeStatus status, Supplier<String> metrics) {
        return List.of(
                open("GET", "/_/health", call -> operator.health(call, status)),
                open("GET", "/_/ready", call -> operator.ready(call, status)),
                open("GET", "/_/metrics", call -> operator.metrics(metrics)),
                open("GET", "/api/openapi.json", call -> operator.openApi()),
                open("GET", "/api/login", call -> logins.ways()),
                open("POST", "/api/login/token", logins::token),
                open("GET", "/tlog", tlog::state),
                open("GET", "/tlog/key", tlog::keys),
                open("GET", "/tlog/{partition}/keys", tlog::keyStatements),
                open("GET", "/tlog/{partition}/checkpoint", tlog::checkpoint),
                open("GET", "/tlog/{partition}/tile/{level}/{n1}", tlog::tile),
                open("GET", "/tlog/{partition}/tile/{level}/{n1}/{n2}", tlog::tile),
                open("GET", "/tlog/{partition}/tile/{level}/{n1}/{n2}/{n3}", tlog::tile),
                open("GET", "/tlog/{partition}/tile/{level}/{n1}/{n2}/{n3}/{n4}", tlog::tile),
                open("GET", "/tlog/{partition}/tile/{level}/{n1}/{n2}/{n3}/{n4}/{n5}", tlog::tile),
                new Route("GET", "/api/me", false, List.of(), console::me),
                keyed("GET", "/system", call -> console.system(status)),
                keyed("GET", "/workflow-executions", LIST_OF_WORKFLOWS, workflows::list),
                keyed("GET", "/workflow-executions/counts", COUNTS_OF_WORKFLOWS, workflows::counts),
                keyed(
                        "GET",
                        "/workflow-executions/completions",
                        SearchRoutes.COMPLETIONS,
                        call -> searches.completions(call, Subject.WORKFLOWS)),
                keyed("POST", "/workflow-executions", workflows::start),
                keyed("POST", "/workflow-executions/signal-with-start", workflows::signalWithStart),
                keyed("GET", "/workflow-executions/{id}", WORKFLOW, workflows::get),
                keyed("GET", "/workflow-executions/{id}/result", WAIT, workflows::result),
                keyed("GET", "/workflow-executions/{id}/events", EVENTS, workflows::events),
                keyed("GET", "/workflow-executions/{id}/state", AT, workflows::states),
                keyed("GET", "/workflow-executions/{id}/state/{key}", AT, workflows::state),
                keyed("GET", "/workflow-executions/{id}/why", why::workflow),
                keyed("GET", "/workflow-executions/{id}/stream", STREAM, streams::workflow),
                keyed("GET", "/workflow-executions/{id}/proof", tlog::proof),
                keyed("POST", "/workflow-executions/{id}/signal", workflows::signal),
                keyed("POST", "/workflow-executions/{id}/cancel", SEQUENCE, workflows::cancel),
                keyed("POST", "/workflow-executions/{id}/terminate", SEQUENCE, workflows::terminate),
                keyed("POST", "/workflow-executions/{id}/pause", SEQUENCE, workflows::pause),
                keyed("POST", "/workflow-executions/{id}/resume", SEQUENCE, workflows::resume),
                keyed("POST", "/workflow-executions/{id}/retry", SEQUENCE, workflows::retry),
                keyed("POST", "/workflow-executions/{id}/reset", SEQUENCE, workflows::reset),
                keyed("POST", "/workflow-executions/{id}/restart", SEQUENCE, workflows::restart),
                keyed("POST", "/workflow-executions/{id}/continue-as-new", SEQUENCE, workflows::continueAsNew),
                keyed("GET", "/workflow-executions/{id}/annotations", workflows::annotations),
                keyed("POST", "/workflow-executions/{id}/annotations", workflows::annotate),
                keyed("POST", "/workflow-executions/{id}/erase", erasures::workflow),
                keyed("POST", "/promises/{promise}/resolve", promises::resolve),
                keyed("POST", "/promises/{promise}/reject", promises::reject),
                keyed("GET", "/task-executions", LIST_OF_TASKS, tasks::list),
                keyed("GET", "/task-executions/counts", COUNTS_OF_TASKS, tasks::counts),
                keyed(
                        "GET",
                        "/task-executions/completions",
                        SearchRoutes.COMPLETIONS,
                        call -> searches.completions(call, Subject.TASKS)),
                keyed("POST", "/task-executions", tasks::submit),
                keyed("GET", "/task-executions/{id}", WAIT, tasks::get),
                keyed("GET", "/task-executions/{id}/result", WAIT, tasks::result),
                keyed("GET", "/task-executions/{id}/why", why::task),
                keyed("GET", "/task-executions/{id}/stream", STREAM, streams::task),
                keyed("GET", "/task-executions/{id}/proof", tlog::proof),
                keyed("POST", "/task-executions/{id}/cancel", VERSION, tasks::cancel),
                keyed("POST", "/task-executions/{id}/retry", VERSION, tasks::retry),
                keyed("POST", "/task-executions/{id}/erase", erasures::task),
                keyed("POST", "/data-subjects/{subject}/erase", erasures::subject),
                keyed("GET", "/schedules", PARTS, schedules::list),
                keyed("POST", "/schedules", schedules::create),
                keyed("GET", "/schedules/{schedule}", schedules::get),
                keyed("GET", "/schedules/{schedule}/runs", PARTS, schedules::runs),
                keyed("POST", "/schedules/{schedule}/update", VERSION, schedules::update),
                keyed("POST", "/schedules/{schedule}/pause", VERSION, schedules::pause),
                keyed("POST", "/schedules/{schedule}/resume", VERSION, schedules::resume),
                keyed("POST", "/schedules/{schedule}/trigger", VERSION, schedules::trigger),
                keyed("POST", "/schedules/{schedule}/backfill", VERSION, schedules::backfill),
                keyed("POST", "/schedules/{schedule}/backfill/stop", VERSION, schedules::stopBackfill),
                keyed("POST", "/schedules/{schedule}/delete", VERSION, schedules::delete),
                keyed("GET", "/bulk-jobs", PARTS, bulk::list),
                keyed("POST", "/bulk-jobs", bulk::begin),
                keyed("GET", "/bulk-jobs/{id}", bulk::get),
                keyed("GET", "/bulk-jobs/{id}/items", BulkRoutes.ITEMS, bulk::items),
                keyed("POST", "/bulk-jobs/{id}/pause", VERSION, bulk::pause),
                keyed("POST", "/bulk-jobs/{id}/resume", VERSION, bulk::resume),
                keyed("POST", "/bulk-jobs/{id}/stop", VERSION, bulk::stop),
                keyed("GET", "/dead-letters", deadLetters::get),
                keyed("POST", "/workflow-executions/{id}/dismiss", deadLetters::dismissWorkflow),
                keyed("POST", "/task-executions/{id}/dismiss", deadLetters::dismissTask),
                keyed("GET", "/saved-queries", savedQueries::list),
                keyed("POST", "/saved-queries", VERSION, savedQueries::save),
                keyed("POST", "/saved-queries/{name}/delete", VERSION, savedQueries::delete),
                keyed("GET", "/workers", LIST_OF_WORKERS, operator::workers),
                keyed("GET", "/queues", QUEUES, operator::queues),
                keyed("POST", "/workers/{id}/drain", VERSION, policies::drain),
                keyed("POST", "/workers/{id}/undrain", VERSION, policies::undrain),
                keyed("GET", "/queues/{queue}", operator::queue),
                keyed("GET", "/queues/{queue}/why", queueWhy::why),
                keyed(
                        "POST",
                        "/queues/{queue}/pause",
                        VERSION,
                        call -> policies.pause(call, PolicyRoutes.Subject.QUEUE)),
                keyed(
                        "POST",
                        "/queues/{queue}/resume",
                        VERSION,
                        call -> policies.resume(call, PolicyRoutes.Subject.QUEUE)),
                keyed("POST", "/queues/{queue}/limit", VERSION, policies::limit),
                keyed("POST", "/queues/{queue}/unlimit", VERSION, policies::unlimit),
                keyed("GET", "/kinds", policies::kinds),
                keyed(
                        "POST",
                        "/workflow-kinds/{kind}/pause",
                        VERSION,
                        call -> policies.pause(call, PolicyRoutes.Subject.WORKFLOW_KIND)),
                keyed(
                        "POST",
                        "/workflow-kinds/{kind}/resume",
                        VERSION,
                        call -> policies.resume(call, PolicyRoutes.Subject.WORKFLOW_KIND)),
                keyed(
                        "POST",
                        "/task-kinds/{kind}/pause",
                        VERSION,
                        call -> policies.pause(call, PolicyRoutes.Subject.TASK_KIND)),
                keyed(
                        "POST",
                        "/task-kinds/{kind}/resume",
                        VERSION,
                        call -> policies.resume(call, PolicyRoutes.Subject.TASK_KIND)),
                keyed("GET", "/read-model", operator::readModel),
                keyed("GET", "/changes", changes::stream),
                keyed("GET", "/audit", AuditRoutes.QUERY, audit::list),
                keyed("GET", "/keys", keys::list),
                keyed("POST", "/keys", keys::create),
                keyed("POST", "/keys/{id}/expire", VERSION, keys::expire),
                keyed("POST", "/keys/{id}/revoke", VERSION, keys::revoke),
                keyed("GET", "/approvals", ApprovalRoutes.QUERY, approvals::list),
                keyed("POST", "/approvals/{id}/approve", approvals::approve),
                keyed("POST", "/approvals/{id}/refuse", approvals::refuse));
    }

    private static Route open(String method, String template, Route.Handler handler) {
        return new Route(method, template, true, List.of(), handler);
    }

    private static Route keyed(String method, String template, Route.Handler handler) {
        return keyed(method, template, List.of(), handler);
    }

    private static Route keyed(String method, String template, List<String> query, Route.Handler handler) {
        return new Route(method, ORG + template, false, query, handler);
    }
}
