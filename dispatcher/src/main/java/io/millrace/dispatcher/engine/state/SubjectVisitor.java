package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.WorkSubject;
import java.util.UUID;

/** Sees what there may be policies of. */
@FunctionalInterface
public interface SubjectVisitor {

    /** Sees one. */
    void visit(UUID orgId, WorkSubject subject);
}
