/**
 * A handler for each group of commands, and what several of them need. A handler reads the state and notes events in a draft.
 * It never changes the state: that is what {@code state} does with the events.
 */
package io.millrace.dispatcher.engine.handle;
