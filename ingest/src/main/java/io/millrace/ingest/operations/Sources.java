package io.millrace.ingest.operations;

import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.streams.TaskStreams;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.reads.PastStates;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.reads.TaskHomes;

/**
 * What operations look at, and where goes what is no command.
 *
 * @param reads what the dispatchers know
 * @param directory what all nodes know
 * @param places where tasks belong that this node handed out
 * @param queries what the read model knows
 * @param states make what was of what is recorded
 * @param streams where goes what tasks stream out
 * @param spans where spans go that workers report
 */
public record Sources(
        Reads reads,
        Directory directory,
        TaskHomes places,
        ExecutionQueries queries,
        PastStates states,
        TaskStreams streams,
        SpanSink spans) {}
