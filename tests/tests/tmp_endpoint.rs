use tests::engine::Endpoint;
tests::suite!(Endpoint::from_env().unwrap());
