using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace P6bNative.KernelCompiler;

/// <summary>How a kernel takes an argument; the names are those of KernelParameterKind.</summary>
internal enum ParameterKind
{
    View,
    Int32,
    Int64,
    Single,
    Constant,
}

/// <summary>One parameter of a kernel.</summary>
/// <param name="Name">As in the C# source.</param>
/// <param name="Kind">How it is passed.</param>
/// <param name="LauncherType">C# type of the launch overload's parameter.</param>
/// <param name="Macro">Name in the text where it is a specialised constant.</param>
internal sealed record ParameterModel(string Name, ParameterKind Kind, string LauncherType, string Macro);

/// <summary>A function of the text.</summary>
/// <param name="Name">C name: the same for the same method and address spaces, so that kernels of a class share it.</param>
/// <param name="Text">Its definition.</param>
internal sealed record FunctionText(string Name, string Text);

/// <summary>A struct of the text.</summary>
internal sealed record StructText(string Name, string Text);

/// <summary>A named int constant of the text.</summary>
internal sealed record ConstantText(string Name, string Value);

/// <summary>Where a refusal is reported; kept apart from syntax so that the pipeline holds no trees.</summary>
internal sealed record Refusal(string Id, string Path, TextSpan Span, LinePositionSpan Lines, EquatableArray<string> Arguments)
{
    public static Refusal At(string id, Location location, params string[] arguments)
    {
        FileLinePositionSpan lines = location.GetLineSpan();
        return new Refusal(id, lines.Path, location.SourceSpan, lines.Span, new EquatableArray<string>([.. arguments]));
    }

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Diagnostics.Descriptor(Id), Location.Create(Path, Span, Lines), [.. Arguments]);
}

/// <summary>A kernel translated, or refused.</summary>
/// <param name="Namespace">Of its class.</param>
/// <param name="ClassName">Its class: one program each.</param>
/// <param name="Name">Name of the method.</param>
/// <param name="GroupSize">Work items of a group.</param>
/// <param name="Parameters">In order.</param>
/// <param name="Functions">Helpers, callees first.</param>
/// <param name="Constants">Named constants it uses.</param>
/// <param name="Structs">Structs it uses, inner ones first.</param>
/// <param name="Text">Definition of the kernel function.</param>
/// <param name="OpenClOnly">Uses Float16.</param>
/// <param name="Refusals">What is outside the language.</param>
internal sealed record KernelModel(
    string Namespace,
    string ClassName,
    string Name,
    int GroupSize,
    EquatableArray<ParameterModel> Parameters,
    EquatableArray<FunctionText> Functions,
    EquatableArray<ConstantText> Constants,
    EquatableArray<StructText> Structs,
    string Text,
    bool OpenClOnly,
    EquatableArray<Refusal> Refusals);
