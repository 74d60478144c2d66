-- contract: visitors are told apart by the platform, with a salt of its own
drop table visitor_salt;
