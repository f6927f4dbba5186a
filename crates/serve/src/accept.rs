//! Connections: accepted one by one, each with time limits, and brought to an end.
//!
//! hyper ends a connection whose next request does not come in time; [`Watched`] ends one whose request has begun and does
//! not go on.

use crate::limits::Limits;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep};
use tower::ServiceExt;

/// After a failed accept, as when there are no more file descriptors: trying again at once would take a whole processor.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until `end`, and waits for what is in flight.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    end: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(
        limits.connections.clamp(1, Semaphore::MAX_PERMITS),
    ));
    let mut end = std::pin::pin!(end);
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            () = &mut end => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // Answers are small and go out in one piece.
        let _ = stream.set_nodelay(true);
        let connection = graceful.watch(connection(stream, router.clone(), &limits));
        tokio::spawn(async move {
            // Broken connections are the client's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(limits.shutdown, graceful.shutdown()).await;
}

/// What answers the requests of a connection.
trait Asked:
    Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future = Answer>
{
}

impl<T> Asked for T where
    T: Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future = Answer>
{
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

fn connection(
    stream: TcpStream,
    router: Router,
    limits: &Limits,
) -> http1::Connection<TokioIo<Watched>, impl Asked + use<>> {
    let answering = Arc::new(AtomicBool::new(false));
    // A client that connects has something to say.
    let begun = Arc::new(AtomicBool::new(true));
    let watched = Watched {
        stream,
        answering: answering.clone(),
        begun: begun.clone(),
        limit: limits.head,
        end: Box::pin(tokio::time::sleep(limits.head)),
    };
    let answer = service_fn(move |request: Request<Incoming>| -> Answer {
        answering.store(true, Ordering::Relaxed);
        begun.store(false, Ordering::Relaxed);
        let (router, answering) = (router.clone(), answering.clone());
        Box::pin(async move {
            let response = router.oneshot(request.map(Body::new)).await;
            answering.store(false, Ordering::Relaxed);
            response
        })
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_header_size(limits.head_size)
        .max_buf_size((2 * limits.head_size).max(8 << 10)) // hyper accepts no less than 8 KiB
        .half_close(true)
        .serve_connection(TokioIo::new(watched), answer)
}

/// A connection whose reading ends where the head of a request takes too long. A body has a time limit of its own.
struct Watched {
    stream: TcpStream,
    /// A request is being answered.
    answering: Arc<AtomicBool>,
    /// A head has begun.
    begun: Arc<AtomicBool>,
    limit: Duration,
    end: Pin<Box<Sleep>>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        if self.answering.load(Ordering::Relaxed) {
            return read;
        }
        let begun = self.begun.load(Ordering::Relaxed);
        match read {
            Poll::Ready(_) => {
                if into.filled().len() > before && !begun {
                    self.begun.store(true, Ordering::Relaxed);
                    let end = Instant::now() + self.limit;
                    self.end.as_mut().reset(end);
                }
                read
            }
            Poll::Pending if begun && self.end.as_mut().poll(context).is_ready() => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
