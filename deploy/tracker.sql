-- Rasa's tracker store is a database of its own, beside the shop's.
CREATE DATABASE frontdesk_tracker;
