//! Which connections carry a second request, and which requests are sent twice.

use super::server::Scene;
use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const EMPTY: &str = "HTTP/1.1 304 Not Modified\r\n\r\n";

#[tokio::test]
async fn requests_one_after_the_other_share_a_connection() {
    let authority = Authority::new();
    let (client, _) = client(&authority);
    for answer in [OK, EMPTY] {
        let server = authority.start(vec![Scene::Answer(answer)]).await;
        for _ in 0..5 {
            get(&client, &server).await.unwrap();
        }
        assert_eq!((server.connections(), server.requests().len()), (1, 5));
    }
}

#[tokio::test]
async fn requests_at_the_same_time_do_not() {
    let authority = Authority::new();
    let (server, (client, _)) = (authority.start(vec![Scene::Answer(OK)]).await, client(&authority));
    let (one, two) = tokio::join!(get(&client, &server), get(&client, &server));
    assert_eq!((one.unwrap(), two.unwrap(), server.connections()), ("ok".into(), "ok".into(), 2));
}

#[tokio::test]
async fn a_connection_that_was_idle_for_more_than_30_s_of_wall_clock_is_closed() {
    let authority = Authority::new();
    let (server, (client, clock)) = (authority.start(vec![Scene::Answer(OK)]).await, client(&authority));
    get(&client, &server).await.unwrap();
    clock.pass(Duration::from_secs(30));
    get(&client, &server).await.unwrap();
    assert_eq!(server.connections(), 1);
    clock.pass(Duration::from_millis(30_001));
    get(&client, &server).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_connections_old() {
    let authority = Authority::new();
    let (server, (client, clock)) = (authority.start(vec![Scene::Answer(OK)]).await, client(&authority));
    get(&client, &server).await.unwrap();
    clock.set(UNIX_EPOCH);
    get(&client, &server).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_body_that_was_not_read_to_its_end_closes_its_connection() {
    let authority = Authority::new();
    let (server, (client, _)) = (authority.start(vec![Scene::Answer(OK)]).await, client(&authority));
    drop(send(&client, Method::GET, &server).await.unwrap());
    get(&client, &server).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_while_it_was_idle_is_replaced() {
    for method in [Method::GET, Method::PUT] {
        let authority = Authority::new();
        let scenes = vec![Scene::AnswerAndClose(OK), Scene::Answer(OK)];
        let (server, (client, _)) = (authority.start(scenes).await, client(&authority));
        let exchange = async || {
            send(&client, method.clone(), &server).await.unwrap().body.collect().await.unwrap();
        };
        exchange().await;
        while client.idle.closed() == 0 {
            tokio::task::yield_now().await; // until the end of the connection has arrived
        }
        exchange().await;
        exchange().await;
        assert_eq!((server.connections(), server.requests().len()), (2, 3), "{method}");
    }
}

#[tokio::test]
async fn a_get_without_answer_is_sent_once_more_and_not_twice() {
    let authority = Authority::new();
    let (server, (client, _)) =
        (authority.start(vec![Scene::Close, Scene::Answer(OK)]).await, client(&authority));
    assert_eq!(get(&client, &server).await.unwrap(), "ok");
    assert_eq!(server.requests().len(), 2);
    let server = authority.start(vec![Scene::Close]).await;
    let error = get(&client, &server).await.unwrap_err();
    assert!(matches!(error, NetError::Exchange { .. }), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_put_that_the_server_has_seen_is_not_sent_again() {
    let authority = Authority::new();
    let (server, (client, _)) =
        (authority.start(vec![Scene::Close, Scene::Answer(OK)]).await, client(&authority));
    let error = send(&client, Method::PUT, &server).await.unwrap_err();
    assert!(matches!(error, NetError::Exchange { .. }), "{error}");
    assert_eq!(server.requests().len(), 1);
}
