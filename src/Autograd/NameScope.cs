namespace P6bNative.Autograd;

/// <summary>Prefixes the names recorded until it is disposed; from <see cref="Tape.Scope"/>.</summary>
public sealed class NameScope : IDisposable
{
    private readonly Tape _tape;
    private readonly string _outer;

    internal NameScope(Tape tape, string outer)
    {
        _tape = tape;
        _outer = outer;
    }

    /// <summary>Returns to the names around this scope.</summary>
    public void Dispose() => _tape.CurrentScope = _outer;
}
