"""Articles out of what a shop has already: tables and exports of questions, web pages, Word and PDF files."""
