package dev.ternion.backend;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Tells JavaCPP how to turn the engine contract ({@code native/include/ternion}) into Java classes at build time. */
@Properties(
        value =
                @Platform(
                        value = "linux-x86_64",
                        include = {
                            "ternion/buffer.h",
                            "ternion/update_list.h",
                            "ternion/weight_list.h",
                            "ternion/backend.h"
                        },
                        link = "ternion",
                        preload = {"gomp@.1", "dnnl@.3"}),
        target = "dev.ternion.backend.jni",
        global = "dev.ternion.backend.jni.Native")
public class BindingConfig implements InfoMapper {
    @Override
    public void map(InfoMap infos) {
        infos.put(new Info("ternion::Backend").pointerTypes("NativeBackend"))
                .put(new Info("ternion::Buffer").pointerTypes("NativeBuffer"))
                .put(new Info("ternion::Recording").pointerTypes("NativeRecording"))
                .put(new Info("ternion::Readback").pointerTypes("NativeReadback"))
                .put(new Info("ternion::Layout").pointerTypes("NativeLayout"))
                .put(new Info("ternion::UpdateList").pointerTypes("NativeUpdateList"))
                .put(new Info("ternion::UpdateList::Entry", "ternion::UpdateList::entries").skip())
                .put(new Info("ternion::WeightList").pointerTypes("NativeWeightList"))
                .put(new Info("ternion::WeightList::Entry", "ternion::WeightList::entries").skip())
                .put(new Info("ternion::ScoreOperands").pointerTypes("NativeScores"))
                .put(new Info("ternion::MapPath").pointerTypes("NativeMapPath"));
    }
}
