using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Host.Threads;

/// <summary>
/// Runs a function on a fixed set of threads: the caller and one persistent worker for each further thread. A worker spins for a
/// while after its work and then parks, so a fork and join inside a training step costs about a microsecond. No call allocates.
/// A share whose worker has not begun when the caller is done is taken by the caller: on a busy machine it does not wait for the scheduler.
/// The function must not throw: an exception on a worker ends the process.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    private readonly Worker[] _workers;
    private delegate*<void*, int, int, void> _body;
    private void* _arguments;
    private int _active;
    private volatile bool _disposed;

    /// <param name="threads">Threads including the caller; 0 means one for each core.</param>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _workers = new Worker[Threads - 1];
        for (int i = 0; i < _workers.Length; i++)
            _workers[i] = new Worker(this, i + 1);
    }

    /// <summary>Threads including the caller.</summary>
    public int Threads { get; }

    /// <summary>Calls body(arguments, worker, workers) once for each worker in [0, workers), on up to as many threads, and waits.</summary>
    /// <param name="body">Must not throw and must not call this pool.</param>
    /// <param name="arguments">Handed on.</param>
    /// <param name="workers">Between 1 and <see cref="Threads"/>.</param>
    public void Run(delegate*<void*, int, int, void> body, void* arguments, int workers)
    {
        if (workers > 1)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, Threads);
            _body = body;
            _arguments = arguments;
            _active = workers;
            for (int i = 0; i < workers - 1; i++)
                _workers[i].Start();
        }
        body(arguments, 0, workers);
        for (int i = 0; i < workers - 1; i++)
        {
            if (_workers[i].Claim())
                body(arguments, i + 1, workers);
            else
                _workers[i].Wait();
        }
    }

    /// <summary>Ends the workers.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (Worker worker in _workers)
        {
            worker.Start();
            worker.Dispose();
        }
    }

    /// <summary>
    /// Numbers of runs, each on its own cache lines: one is written by the caller, one by whoever takes the share, one by the worker.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Counters
    {
        [FieldOffset(128)]
        public int Started;

        [FieldOffset(256)]
        public int Claimed;

        [FieldOffset(384)]
        public int Finished;

        [FieldOffset(388)]
        public int Parked;
    }

    private sealed class Worker : IDisposable
    {
        // About 0.7 ms: longer than the serial gaps inside a training step, short enough not to burn a core between steps.
        private const int SpinsBeforeParking = 20_000;
        private const int SpinsBeforeYielding = 2_000;

        private readonly WorkerPool _pool;
        private readonly int _index;
        private readonly Thread _thread;
        private readonly AutoResetEvent _wake = new(initialState: false);
        private Counters _counters;

        public Worker(WorkerPool pool, int index)
        {
            _pool = pool;
            _index = index;
            _thread = new Thread(Loop) { IsBackground = true, Name = $"p6b worker {index}" };
            _thread.Start();
        }

        public void Start()
        {
            Volatile.Write(ref _counters.Started, _counters.Started + 1);
            // The flag must be read after the counter is visible, or a worker that parks just now would sleep on.
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _counters.Parked) != 0)
                _wake.Set();
        }

        /// <summary>Takes the share of the run that was started last; false when somebody has it.</summary>
        public bool Claim()
        {
            int run = Volatile.Read(ref _counters.Started);
            return Interlocked.CompareExchange(ref _counters.Claimed, run, run - 1) == run - 1;
        }

        public void Wait()
        {
            for (int spins = 0; Volatile.Read(ref _counters.Finished) != _counters.Started; spins++)
            {
                if (spins < SpinsBeforeYielding)
                    Thread.SpinWait(1);
                else
                    Thread.Yield();
            }
        }

        /// <summary>Waits for the thread to end; it does when it is started without a body.</summary>
        public void Dispose()
        {
            _thread.Join();
            _wake.Dispose();
        }

        private void Loop()
        {
            int seen = 0;
            while (true)
            {
                seen = AwaitStart(seen);
                if (_pool._disposed)
                    return;
                // Only the run whose share is claimed cannot end before this: its fields are the ones to read.
                if (Claim())
                {
                    int run = _counters.Started;
                    _pool._body(_pool._arguments, _index, _pool._active);
                    Volatile.Write(ref _counters.Finished, run);
                }
            }
        }

        /// <summary>Waits for a run other than <paramref name="seen"/>.</summary>
        private int AwaitStart(int seen)
        {
            for (int spins = 0; spins < SpinsBeforeParking; spins++)
            {
                int run = Volatile.Read(ref _counters.Started);
                if (run != seen)
                    return run;
                Thread.SpinWait(1);
            }
            Volatile.Write(ref _counters.Parked, 1);
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _counters.Started) == seen)
                _wake.WaitOne();
            Volatile.Write(ref _counters.Parked, 0);
            return Volatile.Read(ref _counters.Started);
        }
    }
}
