// Helpers take pieces of a loop while its caller works on it too.
//
// Pieces are claimed one by one, so a helper that the system doesn't schedule costs nothing: the
// caller does all the work and never waits for one that has not begun.  With a fixed share for
// each thread, a busy second core made matrix products up to 25 times slower (measured).  Not
// OpenMP: its threads are gone after `fork`, and the child waits for them forever.
#include "_parallel.hh"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace {

struct State {
    std::mutex mutex;
    std::condition_variable begun, done;
    std::atomic<bool> taken{false};  // one loop at a time; others run without helpers
    unsigned long job = 0;
    bool open = false;  // may helpers join?
    int inside = 0, helpers = 0;
    void (*work)(void*, std::size_t, std::size_t) = nullptr;
    void* context = nullptr;
    std::size_t n = 0, grain = 1;
    std::atomic<std::size_t> next{0};
};

// Never deleted: helpers wait in it until the process ends.
State* state = new State;
std::atomic<int> threads{1};
thread_local bool is_inside = false;

void claim(State* s) {
    is_inside = true;
    for (;;) {
        const std::size_t begin = s->next.fetch_add(s->grain, std::memory_order_relaxed);
        if (begin >= s->n) break;
        const std::size_t left = s->n - begin;
        s->work(s->context, begin, begin + (left < s->grain ? left : s->grain));
    }
    is_inside = false;
}

void help(State* s, int number) {
    unsigned long seen = 0;
    std::unique_lock<std::mutex> lock(s->mutex);
    for (;;) {
        s->begun.wait(lock, [&] { return s->job != seen; });
        seen = s->job;
        if (!s->open || number >= threads.load()) continue;
        ++s->inside;
        lock.unlock();
        claim(s);
        lock.lock();
        if (--s->inside == 0) s->done.notify_one();
    }
}

// Helpers don't live on in the child of a fork: begin anew, with locks that nobody holds.
void forget_helpers() {
    state = new State;
    is_inside = false;
}

void start_helpers(State* s, int wanted) {
#if !defined(_WIN32)
    static const int registered = pthread_atfork(nullptr, nullptr, forget_helpers);
    (void)registered;
#endif
    while (s->helpers < wanted) {
        try {
            std::thread(help, s, s->helpers + 1).detach();
        } catch (const std::system_error&) {
            return;  // the system gives no more threads
        }
        ++s->helpers;
    }
}

}  // namespace

void thinc::run_in_threads(std::size_t n, std::size_t grain, void (*work)(void*, std::size_t, std::size_t),
                           void* context) {
    const int wanted = threads.load();
    State* s = state;
    if (wanted <= 1 || is_inside || n <= grain || s->taken.exchange(true)) return work(context, 0, n);
    {
        std::lock_guard<std::mutex> lock(s->mutex);
        start_helpers(s, wanted - 1);
        s->work = work, s->context = context, s->n = n, s->grain = grain;
        s->next.store(0);
        s->open = true;
        ++s->job;
    }
    s->begun.notify_all();
    claim(s);
    {
        std::unique_lock<std::mutex> lock(s->mutex);
        s->open = false;
        s->done.wait(lock, [&] { return s->inside == 0; });
    }
    s->taken.store(false);
}

int thinc::set_threads(int n) { return threads.exchange(n < 1 ? 1 : n); }

int thinc::get_threads() { return threads.load(); }
