using System.Text;

namespace P6bNative.KernelCompiler;

/// <summary>The kernels of one class: one program of the devices.</summary>
internal sealed class ProgramModel(IReadOnlyList<KernelModel> kernels)
{
    // One of several of the same name: the others have been refused.
    public IReadOnlyList<KernelModel> Kernels { get; } = [.. kernels.GroupBy(kernel => kernel.Name).Select(group => group.First())];

    public string Namespace => kernels[0].Namespace;

    public string FullName => Namespace.Length > 0 ? $"{Namespace}.{ClassName}" : ClassName;

    public string ClassName => kernels[0].ClassName;

    /// <summary>OpenCL C text of the program.</summary>
    public string OpenCl => Text(Prelude.OpenCl);

    /// <summary>CUDA C text of the program; empty where it uses what CUDA lacks.</summary>
    public string Cuda => kernels.Any(kernel => kernel.OpenClOnly) ? "" : Text(Prelude.Cuda);

    private string Text(string prelude)
    {
        var text = new StringBuilder(prelude.Replace("\r\n", "\n")).Append('\n');
        string[] constants =
        [
            .. Kernels.SelectMany(kernel => kernel.Constants).Distinct().OrderBy(constant => constant.Name, StringComparer.Ordinal)
                .Select(constant => $"    {constant.Name} = {constant.Value},\n"),
        ];
        if (constants.Length > 0)
            text.Append("enum\n{\n").Append(string.Concat(constants)).Append("};\n\n");
        foreach (StructText type in Kernels.SelectMany(kernel => kernel.Structs).Distinct())
            text.Append(type.Text).Append('\n');
        foreach (var function in Kernels.SelectMany(kernel => kernel.Functions).GroupBy(function => function.Name))
            text.Append(function.First().Text).Append('\n');
        foreach (KernelModel kernel in Kernels)
            text.Append(Guarded(kernel)).Append('\n');
        return text.ToString();
    }

    // A build with specialised values is for the kernels of exactly those values; a build without is for the rest.
    private string Guarded(KernelModel kernel)
    {
        string[] own = [.. Macros(kernel)];
        string[] others = [.. Kernels.SelectMany(Macros)];
        if (own.Length > 0)
            return $"#if {string.Join(" && ", own.Select(macro => $"defined({macro})"))}\n{kernel.Text}#endif\n";
        if (others.Length > 0)
            return $"#if {string.Join(" && ", others.Select(macro => $"!defined({macro})"))}\n{kernel.Text}#endif\n";
        return kernel.Text;
    }

    private static IEnumerable<string> Macros(KernelModel kernel) =>
        kernel.Parameters.Where(parameter => parameter.Kind == ParameterKind.Constant).Select(parameter => parameter.Macro);
}
