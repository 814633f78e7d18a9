package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;

/** A workflow. It runs from its start at every activation, so it may do nothing except through its context. */
@FunctionalInterface
public interface WorkflowFunction {

    /**
     * @return the workflow's output
     * @throws WorkflowCancelledException to end it as cancelled
     * @throws Exception to end it as failed, with the exception's text
     */
    JsonNode run(WorkflowContext context, JsonNode input) throws Exception;
}
