package io.millrace.infra.embedded;

/** Told of the parts of a server as they start. Called on any thread, for several parts at a time. */
public interface StartProgress {

    /** Ignores all calls. */
    StartProgress SILENT = new StartProgress() {

        @Override
        public void begins(String part) {}

        @Override
        public void ends(String part) {}
    };

    /** The part begins to start, which may take seconds. */
    void begins(String part);

    /** The part has started. */
    void ends(String part);
}
