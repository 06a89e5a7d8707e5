namespace P6bNative.Autograd;

/// <summary>Prefixes the names recorded until it is disposed; from <see cref="Tape.Scope"/>.</summary>
public sealed class NameScope : IDisposable
{
    private readonly Tape tape;
    private readonly string outer;

    internal NameScope(Tape tape, string outer)
    {
        this.tape = tape;
        this.outer = outer;
    }

    /// <summary>Returns to the names around this scope.</summary>
    public void Dispose() => tape.CurrentScope = outer;
}
