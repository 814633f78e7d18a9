/**
 * Which server is asked, and as whom: contexts in a file that is for its owner only, and what a development server leaves in
 * its data folder to be found by.
 */
package io.millrace.infra.client.context;
