package io.millrace.ingest.operations;

import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.ExecutionSpan;
import io.millrace.proto.flovyn.v1.SdkInfo;
import java.util.List;

/** Where spans go that workers report about their executions. Must not block. */
@FunctionalInterface
public interface SpanSink {

    /** Takes no spans. */
    SpanSink NONE = (caller, sdk, spans) -> {};

    /**
     * @param caller who reports them
     * @param sdk what the worker is made with
     * @param spans spans that have passed the checks
     */
    void accept(Caller caller, SdkInfo sdk, List<ExecutionSpan> spans);
}
