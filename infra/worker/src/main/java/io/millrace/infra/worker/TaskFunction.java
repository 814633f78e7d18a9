package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;

/** A task: ordinary code that may do anything. It may be run more than once. */
@FunctionalInterface
public interface TaskFunction {

    /**
     * @return the task's output
     * @throws Exception to report the attempt as failed, with the exception's text
     */
    JsonNode run(TaskContext context, JsonNode input) throws Exception;
}
