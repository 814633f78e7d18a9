package io.millrace.proto.directory;

import java.util.UUID;

/** What a worker of an organisation is called: the name that it gave itself, or its id as text. */
record WorkerName(UUID orgId, String name) {}
